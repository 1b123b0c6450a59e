"""Parts that several pages share: sections and cards, controls and the filter bar, tables and lists, links, exports."""

"""Parts that several pages share: sections and cards, tables, the filter bar, links, exports."""

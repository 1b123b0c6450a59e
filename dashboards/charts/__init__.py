"""How figures are drawn: Altair, one look, every chart with a text alternative and its numbers as a table.

Here: specifications from rows that a page already has. Not here: queries (data/) or what a chart is about (views/).
Marks serve both themes; text and rules take the page's own colour. Bars begin at 0, lines may not and then show the range.
"""

"""Independent engines, written from the text of the law and of the specification, which share no line with the product.

Here: one case and one day at a time, as on a paper calendar. Not here: anything that imports the product, or that cares about
speed.
"""

"""Second opinions: small engines written from the law's words, which share no line with the product.

Here: what a careful clerk would do with a paper calendar, one case and one day at a time. Not here: anything that
imports the product, or that cares about speed.
"""

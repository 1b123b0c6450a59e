"""Signing: detached CMS signatures over a bundle, time-stamp tokens over those, and the statement of who approved it.

Here: the openssl command, the keys and certificates, reading and checking each of the three. Not here: the release of a bundle
as a whole (evidence/release.py).
"""

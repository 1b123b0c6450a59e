"""promisekept: shows whether the promises of a privacy policy were kept."""

__version__ = "0.1.0"

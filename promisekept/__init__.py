"""promisekept: shows whether the promises of a privacy policy were kept."""

"""The pages: each asks data/, hands to charts/ and names the denominator."""

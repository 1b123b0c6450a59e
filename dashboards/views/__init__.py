"""The pages: each asks data/, hands to charts/ and says what the number is out of."""

"""Collection and processing: notices, declared purposes, legal bases."""

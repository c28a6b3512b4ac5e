"""The report: a folder that shows what runs scored and what they said, in a browser."""

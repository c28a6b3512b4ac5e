"""A vision-language policy of about a million parameters, made from nothing."""

"""Word problems: rates, ages, mixtures, work, money, calendars, told as little stories."""

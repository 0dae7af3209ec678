"""The ground floor: database, clock, errors, settings. Knows nothing of ideas, votes or the web."""

"""A campaign of kills: runs that are killed anywhere go on, and end as if nothing had happened."""

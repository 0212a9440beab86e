"""From desired and live state to a plan. Pure: no client, no clock, no terminal."""

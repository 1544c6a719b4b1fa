"""The accessibility statement and the messages that its readers leave (lag 2018:1937)."""

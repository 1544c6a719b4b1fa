"""The pages of registration. Views are doors to `registration.rules`; they hold no rule of their own."""

"""Who answers for what: categories and the duty list; place + matter leads to units."""

Feature: Access of agents

  Scenario: Everybody has an address of the company
    Given I have agent defined
    Then it must have email
    And its value must match the ".*@acme\.example" regex

  Scenario: Administrators are on a short list
    Given I have agent defined
    When its role is admin
    Then it must have email
    And its value must match the "(priya\.nair|tomas\.novak)@acme\.example" regex

package runbook

// The sound runbook: a folder of four files. {date} is a day of the last weeks,
// {domain} the client's domain.

const readme = `---
title: Support
last_reviewed: {date}
---

# How we help members

Everybody at the desk may follow these pages, and nobody needs an engineer for
them. Members see what works on the [status page](https://portal.{domain}/status).

| page | what it is for |
| --- | --- |
| [Members](members.md) | getting in |
| [Money](money.md#refunds) | paying back |
| [Escalation](escalation.md#who-answers) | when the desk cannot help |

Never change anything in the database: what the
[administrators' page](https://portal.{domain}/admin) cannot do is built first.
`

const resets = `## Password resets

**Owner:** Member desk (Noor Haddad)
**Contact:** desk@{domain}
**Expected time:** 20 minutes

1. Send the member to [the sign-in page](https://portal.{domain}/login) and let
   them choose that they forgot it.
2. Look up whether mail to the address has bounced, on the
   [administrators' page](https://portal.{domain}/admin).
3. Confirm the address by phone, and let the product send the link again.

Escalate to the operator on call when two links in a row have not arrived.

`

const invites = `## Invites

**Owner:** Member desk (Noor Haddad)
**Contact:** desk@{domain}
**Expected time:** 4 hours

1. Ask the organisation's administrator whether the invitation is open, has
   bounced, or has expired.
2. Let the administrator invite again what has expired.
3. Correct the address of what has bounced.

Escalate to the operator on call when a whole organisation gets none.

`

const logins = `## Failed log-ins

**Owner:** Member desk (Noor Haddad)
**Contact:** desk@{domain}
**Expected time:** 30 minutes

1. Ask what the page says, word by word.
2. With too many attempts: let the member wait a quarter of an hour.
3. With a lost second factor: call the number on file, then take the factor off on
   the [administrators' page](https://portal.{domain}/admin).

Escalate to the operator on call when more than three members cannot sign in.
`

const money = `# Refunds

**Owner:** Ines Moreau, membership office
**Contact:** money@{domain}
**Expected time:** 2 business days

1. Find the invoice by its number.
2. Check that nothing was paid back for it yet.
3. Pay it back, with the reason, and let a second person confirm.
4. Tell the member when the bank will have it.

Escalate to the operator on call when a bank has opened a dispute.
`

const escalation = `# Escalation

**Owner:** Ada Lindqvist, operations
**Contact:** ops@agency.example
**Expected time:** 30 minutes

## Who answers

| level | who | contact |
| --- | --- | --- |
| 1 | Member desk | desk@{domain} |
| 2 | Operator on call | ops@agency.example, +46 8 446 831 20 |
| 3 | Ada Lindqvist, head of operations | ada@agency.example |

Outside of office hours begin with level 2.

## What to do

1. Write down what was seen, and since when.
2. Call the next level, and go on to the one after it when nobody answers in time.
3. Tell members what happens on the [status page](https://portal.{domain}/status).
`

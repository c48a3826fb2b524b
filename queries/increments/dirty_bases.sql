-- Every (principal id, creation date) whose session, parent or chain new events may change:
-- those with new events; those that a touched call could have made, by any rule or link so far;
-- those within the tolerance of 2 s of a call that a session with new events explains exactly
-- now, or did before; and all that such sessions handed on, from hand to hand, also where a
-- link rests on a session being alive.
-- grain: one row per principal id and creation date
-- reads: fresh_session_key_parts, issued_credentials, stored_link_candidates, stored_session_keys,
--   touched_calls
with recursive fresh as (
    select distinct
        principal_id,
        creation_date,
        user_arn
    from fresh_session_key_parts
),

touched as (
    select i.*
    from issued_credentials as i
    where i.call_id in (select t.call_id from touched_calls as t)
),

handed_on as (
    select
        i.caller_principal_id,
        i.caller_creation_date,
        i.caller_arn,
        i.issued_at,
        (i.caller_is_thin and i.caller_type = 'AWSAccount')
        or (i.issue_kind = 'switch-role' and i.caller_type = 'AssumedRole') as is_vague,
        c.principal_id,
        c.creation_date
    from issued_credentials as i
    inner join stored_link_candidates as c on i.issue_id = c.issue_id
),

explained as (
    select
        i.principal_id,
        i.role_arn,
        i.issued_at
    from issued_credentials as i
    inner join fresh_session_key_parts as f on i.access_key_id = f.access_key_id
    union
    select
        i.principal_id,
        i.role_arn,
        i.issued_at
    from issued_credentials as i
    inner join fresh_session_key_parts as f
        on i.principal_id = f.principal_id and i.issued_at = f.creation_date
    union
    select
        i.principal_id,
        i.role_arn,
        i.issued_at
    from issued_credentials as i
    inner join fresh_session_key_parts as f
        on i.role_arn = f.issuer_arn and i.issued_at = f.creation_date
    where i.principal_id is null
    union
    select
        i.principal_id,
        i.role_arn,
        i.issued_at
    from issued_credentials as i
    inner join stored_link_candidates as c on i.issue_id = c.issue_id
    inner join fresh as f
        on
            c.principal_id = f.principal_id
            and c.creation_date is not distinct from f.creation_date
),

known as (
    select
        principal_id,
        creation_date,
        user_arn
    from stored_session_keys
    union
    select * from fresh
),

edges as (
    select
        caller_principal_id as from_principal_id,
        caller_creation_date as from_creation_date,
        principal_id,
        creation_date
    from handed_on
    where caller_principal_id is not null
    union
    select
        k.principal_id as from_principal_id,
        k.creation_date as from_creation_date,
        h.principal_id,
        h.creation_date
    from known as k
    inner join handed_on as h
        on
            h.is_vague
            and k.principal_id = h.caller_principal_id
            and k.creation_date between h.issued_at - interval 12 hours and h.issued_at
    union
    select
        k.principal_id as from_principal_id,
        k.creation_date as from_creation_date,
        h.principal_id,
        h.creation_date
    from known as k
    inner join handed_on as h
        on
            h.is_vague
            and k.user_arn = h.caller_arn
            and k.creation_date between h.issued_at - interval 12 hours and h.issued_at
),

directly_dirty as (
    select
        principal_id,
        creation_date
    from fresh
    union
    select
        b.principal_id,
        b.creation_date
    from explained as e
    cross join unnest([-2, -1, 1, 2]) as n (seconds)
    inner join stored_session_keys as b
        on
            e.principal_id = b.principal_id
            and e.issued_at + to_seconds(n.seconds) = b.creation_date
    union
    select
        b.principal_id,
        b.creation_date
    from explained as e
    cross join unnest([-2, -1, 1, 2]) as n (seconds)
    inner join stored_session_keys as b
        on
            e.role_arn = b.issuer_arn
            and e.issued_at + to_seconds(n.seconds) = b.creation_date
    where e.principal_id is null
    union
    select
        c.principal_id,
        c.creation_date
    from stored_link_candidates as c
    inner join touched as t on c.issue_id = t.issue_id
    union
    select
        b.principal_id,
        b.creation_date
    from stored_session_keys as b
    inner join touched as t on b.access_key_id = t.access_key_id
    union
    select
        b.principal_id,
        b.creation_date
    from stored_session_keys as b
    inner join touched as t on b.principal_id = t.principal_id
    where
        b.creation_date between t.issued_at - interval 4 seconds
        and t.issued_at + interval 15 minutes
        or b.sign_in_session_arn = t.sign_in_session_arn
    union
    select
        b.principal_id,
        b.creation_date
    from stored_session_keys as b
    inner join touched as t on b.issuer_arn = t.role_arn
    where
        t.principal_id is null
        and b.creation_date between t.issued_at - interval 4 seconds
        and t.issued_at + interval 4 seconds
    union
    select
        b.principal_id,
        b.creation_date
    from stored_session_keys as b
    inner join touched as t on b.account_id = t.target_account_id
    where
        b.creation_date between t.issued_at - interval 2 seconds
        and t.issued_at + interval 2 seconds
),

dirty as (
    select * from directly_dirty
    union
    select
        e.principal_id,
        e.creation_date
    from dirty as d
    inner join edges as e
        on
            d.principal_id = e.from_principal_id
            and d.creation_date is not distinct from e.from_creation_date
)

select
    principal_id,
    creation_date
from dirty

-- Every (principal id, creation date) whose session, parent or chain new events may change:
-- those with new events; those that a touched call could have made, by any rule or link so far;
-- those within the tolerance of 2 s of a call that a session with new events explains exactly
-- now, or did before; and all that such sessions handed on, from hand to hand, also where a
-- link rests on a session being alive; a call alone, too, shows that one was.
-- grain: one row per principal id and creation date
-- reads: fresh_session_key_parts, known_calls, recent_link_candidates, recent_session_keys,
--   touched_calls
--
-- What is read again and again is read once, and narrow. Times to join on are computed first and
-- joined by equality: a join on a principal or a role alone grows with the square of the lake.
with recursive bases as materialized (
    select
        principal_id,
        creation_date,
        session_date,
        access_key_id,
        user_arn,
        issuer_arn,
        sign_in_session_arn
    from recent_session_keys
),

candidates as materialized (
    select
        principal_id,
        creation_date,
        issue_id
    from recent_link_candidates
),

fresh as (
    select distinct
        principal_id,
        creation_date,
        user_arn
    from fresh_session_key_parts
),

touched as (
    select i.*
    from known_calls as i
    where i.call_id in (select t.call_id from touched_calls as t)
),

explained as (
    select
        i.principal_id,
        i.role_arn,
        i.issued_at
    from known_calls as i
    where i.access_key_id in (select f.access_key_id from fresh_session_key_parts as f)
    union all
    select
        i.principal_id,
        i.role_arn,
        i.issued_at
    from known_calls as i
    semi join fresh_session_key_parts as f
        on i.principal_id = f.principal_id and i.issued_at = f.creation_date
    union all
    select
        i.principal_id,
        i.role_arn,
        i.issued_at
    from known_calls as i
    semi join fresh_session_key_parts as f
        on i.role_arn = f.issuer_arn and i.issued_at = f.creation_date
    where i.principal_id is null
    union all
    select
        i.principal_id,
        i.role_arn,
        i.issued_at
    from known_calls as i
    inner join candidates as c on i.issue_id = c.issue_id
    semi join fresh as f
        on
            c.principal_id = f.principal_id
            and c.creation_date is not distinct from f.creation_date
),

near as materialized (
    select distinct
        principal_id,
        if(principal_id is null, role_arn, null) as role_arn,
        issued_at + to_seconds(unnest([-2, -1, 0, 1, 2])) as near_at
    from (
        select * from explained
        union all
        select
            principal_id,
            role_arn,
            issued_at
        from touched
    ) as e
),

redeemed as materialized (
    select
        principal_id,
        issued_at,
        issued_at::date + unnest([0, 1]) as redeemed_on
    from touched
    where issue_kind = 'signin-token'
),

vague as materialized (
    select
        issue_id,
        caller_principal_id,
        caller_arn,
        issued_at,
        issued_at::date - unnest([0, 1]) as alive_on
    from known_calls
    where caller_is_vague
),

begun as (
    select
        coalesce(principal_id, session_arn) as principal_id,
        issued_at as creation_date,
        session_arn as user_arn,
        issued_at::date as session_date
    from touched
    where issue_kind = 'role' and coalesce(principal_id, session_arn) is not null
),

known as (
    select
        principal_id,
        creation_date,
        user_arn,
        session_date
    from bases
    union all
    select
        *,
        creation_date::date as session_date
    from fresh
    union all
    select * from begun
),

callers as (
    select
        issue_id,
        caller_principal_id as principal_id,
        caller_creation_date as creation_date
    from known_calls
    where caller_creation_date is not null or caller_access_key_id like 'ASIA%'
    union all
    select
        v.issue_id,
        k.principal_id,
        k.creation_date
    from vague as v
    inner join known as k
        on v.caller_principal_id = k.principal_id and v.alive_on = k.session_date
    where k.creation_date between v.issued_at - interval 12 hours and v.issued_at
    union all
    select
        v.issue_id,
        k.principal_id,
        k.creation_date
    from vague as v
    inner join known as k
        on v.caller_arn = k.user_arn and v.alive_on = k.session_date
    where k.creation_date between v.issued_at - interval 12 hours and v.issued_at
),

handed_on as materialized (
    select
        a.principal_id as from_principal_id,
        a.creation_date as from_creation_date,
        c.principal_id,
        c.creation_date
    from callers as a
    inner join candidates as c on a.issue_id = c.issue_id
),

directly_dirty as (
    select
        principal_id,
        creation_date
    from fresh
    union all
    select
        principal_id,
        creation_date
    from begun
    union all
    select
        c.principal_id,
        c.creation_date
    from candidates as c
    where c.issue_id in (select t.issue_id from touched as t)
    union all
    select
        b.principal_id,
        b.creation_date
    from bases as b
    where b.access_key_id in (select t.access_key_id from touched as t)
    union all
    select
        b.principal_id,
        b.creation_date
    from bases as b
    semi join near as n on n.principal_id = b.principal_id and n.near_at = b.creation_date
    union all
    select
        b.principal_id,
        b.creation_date
    from bases as b
    semi join near as n on n.role_arn = b.issuer_arn and n.near_at = b.creation_date
    union all
    select
        b.principal_id,
        b.creation_date
    from bases as b
    inner join redeemed as r
        on r.principal_id = b.principal_id and r.redeemed_on = b.session_date
    where b.creation_date between r.issued_at and r.issued_at + interval 15 minutes
    union all
    select
        b.principal_id,
        b.creation_date
    from bases as b
    semi join touched as t
        on t.principal_id = b.principal_id and t.sign_in_session_arn = b.sign_in_session_arn
),

dirty as (
    select * from directly_dirty
    union
    select
        h.principal_id,
        h.creation_date
    from dirty as d
    inner join handed_on as h
        on
            d.principal_id = h.from_principal_id
            and d.creation_date is not distinct from h.from_creation_date
)

select
    principal_id,
    creation_date,
    coalesce(creation_date, timestamptz '1970-01-01 00:00:00+00')::date as session_date
from dirty

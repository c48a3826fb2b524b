-- Every issuing call that could have made a session, by each rule of the ladder that fits
-- (semantics.md 3.2): issued-key is exact; principal-second and role-name-second are exact to
-- the second. A key match needs the same principal and a use inside the validity; nothing is
-- older than the call that issued it (clocks of hosts may differ by 2 s, expiry is checked
-- with 5 minutes of slack).
-- grain: one row per session key, issuing call and rule
-- reads: issued_credentials, session_keys
with keys as (
    select
        principal_id,
        creation_date,
        access_key_id,
        issuer_arn,
        first_seen,
        split_part(principal_id, ':', 2) as session_name
    from session_keys
),

by_key as (
    select
        k.principal_id,
        k.creation_date,
        k.access_key_id,
        i.issue_id,
        'issued-key' as rule_name,
        1 as rule_rank
    from keys as k
    inner join issued_credentials as i on k.access_key_id = i.access_key_id
    where
        k.first_seen >= i.issued_at - interval 2 seconds
        and k.first_seen <= i.expires_at + interval 5 minutes
        and (k.creation_date is null or k.creation_date >= i.issued_at - interval 2 seconds)
        and (
            i.principal_id = k.principal_id
            or (
                i.principal_id is null
                and i.role_arn = k.issuer_arn
                and (i.session_name = k.session_name or i.session_name is null)
            )
        )
),

by_principal as (
    select
        k.principal_id,
        k.creation_date,
        k.access_key_id,
        i.issue_id,
        'principal-second' as rule_name,
        2 as rule_rank
    from keys as k
    inner join issued_credentials as i
        on k.principal_id = i.principal_id and k.creation_date = i.issued_at
    where k.principal_id not like '%EXAMPLE%'
),

by_role_name as (
    select
        k.principal_id,
        k.creation_date,
        k.access_key_id,
        i.issue_id,
        'role-name-second' as rule_name,
        3 as rule_rank
    from keys as k
    inner join issued_credentials as i
        on
            k.issuer_arn = i.role_arn
            and k.session_name = i.session_name
            and k.creation_date = i.issued_at
    where i.principal_id is null and k.principal_id not like '%EXAMPLE%'
)

select * from by_key
union all
select * from by_principal
union all
select * from by_role_name

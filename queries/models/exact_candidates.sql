-- Every issuing call that could have made a session, by the exact rules of the ladder
-- (semantics.md 3.2): 1 issued-key; and to the second 2 principal-second, 3 role-name-second
-- (services that name no principal), 4 sign-in (console, SwitchRole, AssumeRoot),
-- 5 principal-second where only the role owner's copy is known. A key match needs the same
-- principal and a use inside the validity; a session is as old as the call that issued it (F2;
-- hosts' clocks may differ by 2 s, expiry has 5 minutes of slack). A federated user's records
-- name the one who called. AssumeRoot makes no console session and no other key (row 5).
-- grain: one row per session key, issuing call and rule
-- reads: issued_credentials, session_keys
with keys as (
    select
        principal_id,
        creation_date,
        access_key_id,
        session_date,
        user_type,
        issuer_arn,
        from_console,
        first_seen,
        split_part(principal_id, ':', 2) as session_name,
        principal_id like '%EXAMPLE%' or principal_id like '%*%' as is_placeholder
    from session_keys
),

by_key as (
    select
        k.principal_id,
        k.creation_date,
        k.access_key_id,
        k.session_date,
        i.issue_id,
        'issued-key' as rule_name,
        1 as rule_rank
    from keys as k
    inner join issued_credentials as i on k.access_key_id = i.access_key_id
    where
        k.first_seen >= i.issued_at - interval 2 seconds
        and k.first_seen <= i.expires_at + interval 5 minutes
        and (
            k.creation_date is null
            or k.creation_date between
            i.issued_at - interval 2 seconds and i.issued_at + interval 2 seconds
        )
        and not coalesce(k.user_type = 'FederatedUser' and k.issuer_arn <> i.caller_arn, false)
        and (
            k.principal_id = i.principal_id
            or (
                i.principal_id is null
                and i.issue_kind in ('role', 'certificate')
                and k.issuer_arn = i.role_arn
                and (k.session_name = i.session_name or i.session_name is null)
            )
            or (
                i.issue_kind = 'other'
                and (k.issuer_arn = i.role_arn or i.role_arn is null)
            )
        )
),

to_the_second as (
    select
        k.principal_id,
        k.creation_date,
        k.access_key_id,
        k.session_date,
        i.issue_id,
        if(
            i.issue_kind in ('console-login', 'switch-role', 'root'), 'sign-in', 'principal-second'
        ) as rule_name,
        case
            when i.issue_kind in ('console-login', 'switch-role', 'root') then 4
            when i.caller_is_vague then 5
            else 2
        end as rule_rank
    from keys as k
    inner join issued_credentials as i
        on k.principal_id = i.principal_id and k.creation_date = i.issued_at
    where
        not k.is_placeholder
        and i.issue_kind not in ('signin-token', 'oauth-token', 'other')
        and not coalesce(k.user_type = 'FederatedUser' and k.issuer_arn <> i.caller_arn, false)
        and (
            i.issue_kind <> 'root'
            or (
                not k.from_console
                and coalesce(k.access_key_id = i.access_key_id, true)
            )
        )
        and (i.issue_kind <> 'console-login' or k.user_type in ('IAMUser', 'Root'))
    union all
    select
        k.principal_id,
        k.creation_date,
        k.access_key_id,
        k.session_date,
        i.issue_id,
        'role-name-second' as rule_name,
        3 as rule_rank
    from keys as k
    inner join issued_credentials as i
        on
            k.issuer_arn = i.role_arn
            and k.session_name = i.session_name
            and k.creation_date = i.issued_at
    where i.principal_id is null and i.issue_kind = 'role' and not k.is_placeholder
)

select * from by_key
union all
select * from to_the_second

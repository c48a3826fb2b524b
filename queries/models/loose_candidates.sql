-- Every issuing call that could have made a session, by the loose rules of the ladder
-- (semantics.md 3.2): 6 near-second allows 2 s, among calls that nothing explains exactly;
-- 7 signin-token is a GetSigninToken redeemed in the console within 15 minutes; 8
-- sign-in-session an OAuth token
-- of the same sign-in session.
-- grain: one row per session key, issuing call and rule
-- reads: exact_candidates, issued_credentials, session_keys
with keys as (
    select
        principal_id,
        creation_date,
        access_key_id,
        session_date,
        user_type,
        issuer_arn,
        sign_in_session_arn,
        bool_or(from_console) over (partition by principal_id, creation_date) as from_console,
        split_part(principal_id, ':', 2) as session_name,
        principal_id like '%EXAMPLE%' or principal_id like '%*%' as is_placeholder
    from session_keys
),

near_keys as materialized (
    select
        principal_id,
        creation_date,
        access_key_id,
        session_date,
        user_type,
        issuer_arn,
        session_name,
        creation_date + to_seconds(unnest([-2, -1, 1, 2])) as near_at
    from keys
    where not is_placeholder
),

near_calls as (
    select
        k.principal_id,
        k.creation_date,
        k.access_key_id,
        k.session_date,
        i.issue_id,
        i.issue_kind
    from near_keys as k
    inner join issued_credentials as i
        on k.principal_id = i.principal_id and k.near_at = i.issued_at
    where not coalesce(k.user_type = 'FederatedUser' and k.issuer_arn <> i.caller_arn, false)
    union all
    select
        k.principal_id,
        k.creation_date,
        k.access_key_id,
        k.session_date,
        i.issue_id,
        i.issue_kind
    from near_keys as k
    inner join issued_credentials as i
        on
            k.issuer_arn = i.role_arn
            and k.session_name = i.session_name
            and k.near_at = i.issued_at
    where i.principal_id is null
),

near_second as (
    select
        n.principal_id,
        n.creation_date,
        n.access_key_id,
        n.session_date,
        n.issue_id,
        'near-second' as rule_name,
        6 as rule_rank
    from near_calls as n
    anti join exact_candidates as e on n.issue_id = e.issue_id
    where n.issue_kind in ('role', 'federation', 'certificate')
),

signed_in as (
    select
        k.principal_id,
        k.creation_date,
        k.access_key_id,
        k.session_date,
        i.issue_id,
        if(i.issue_kind = 'signin-token', 'signin-token', 'sign-in-session') as rule_name,
        if(i.issue_kind = 'signin-token', 7, 8) as rule_rank
    from keys as k
    inner join issued_credentials as i on k.principal_id = i.principal_id
    where
        not k.is_placeholder
        and k.user_type in ('AssumedRole', 'Role', 'FederatedUser')
        and i.caller_creation_date is distinct from k.creation_date
        and (
            (
                i.issue_kind = 'signin-token'
                and k.from_console
                and k.creation_date between i.issued_at and i.issued_at + interval 15 minutes
            )
            or (
                i.issue_kind = 'oauth-token'
                and k.sign_in_session_arn = i.sign_in_session_arn
                and k.creation_date >= i.caller_creation_date
            )
        )
)

select * from near_second
union all
select * from signed_in

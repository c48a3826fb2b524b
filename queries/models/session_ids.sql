-- The session of every session key. A session is (principal id, creation date), except where
-- only the keys tell two apart (design.md 3): where two callers put on one role under one
-- session name in one second each key is a session of its own, and so is a key that no call
-- issued beside one that a call did (an issuing call hands out one key), or where the only
-- known call handed out another; and federated users whose records name two issuers. Keys that
-- services
-- derive (forward access) or the console makes stay with their session, unless there is such
-- a stray key that they might belong to as well; so do records without a key. A key that a
-- session got for itself (s3express CreateSession and the like) makes no new session.
-- grain: one row per principal id, creation date and access key
-- reads: issued_credentials, link_candidates, session_keys
with tiers as (
    select
        *,
        case when rule_rank in (1, 2, 3, 5) then 1 else rule_rank end as tier
    from link_candidates
    where rule_rank <= 5
),

callers as (
    select
        c.principal_id,
        c.creation_date,
        c.access_key_id,
        c.rule_name,
        i.caller_id,
        i.caller_key_id,
        i.caller_principal_id,
        i.caller_creation_date,
        i.caller_type
    from tiers as c
    inner join issued_credentials as i on c.issue_id = i.issue_id
    where
        not coalesce(
            i.issue_kind = 'other'
            and i.caller_principal_id = c.principal_id
            and i.caller_creation_date is not distinct from c.creation_date,
            false
        )
    qualify c.tier = min(c.tier) over (partition by c.principal_id, c.creation_date)
),

doubtful as (
    select principal_id, creation_date
    from callers
    group by all
    having count(distinct if(caller_type = 'IAMUser', caller_id, caller_key_id)) > 1
),

contested as (
    select c.principal_id, c.creation_date
    from callers as c
    left join doubtful as d
        on
            c.caller_principal_id = d.principal_id
            and c.caller_creation_date = d.creation_date
    group by all
    having
        count(
            distinct if(
                d.principal_id is null or c.caller_type = 'IAMUser', c.caller_id, c.caller_key_id
            )
        ) > 1
),

issued as (
    select
        principal_id,
        creation_date,
        access_key_id
    from link_candidates
    where rule_name = 'issued-key'
    group by all
),

marked as (
    select
        k.*,
        i.access_key_id is not null as is_issued
    from session_keys as k
    left join issued as i
        on
            k.principal_id = i.principal_id
            and k.creation_date is not distinct from i.creation_date
            and k.access_key_id = i.access_key_id
),

keyed as (
    select
        c.principal_id,
        c.creation_date,
        bool_or(i.caller_type = 'WebIdentityUser') as never_console
    from link_candidates as c
    inner join issued_credentials as i on c.issue_id = i.issue_id
    where c.rule_rank > 1 and i.access_key_id is not null and not i.key_may_differ
    group by c.principal_id, c.creation_date
),

mixed as (
    select
        m.principal_id,
        m.creation_date
    from marked as m
    left join keyed as k on m.principal_id = k.principal_id and m.creation_date = k.creation_date
    where m.user_type in ('AssumedRole', 'Role', 'FederatedUser', 'Root')
    group by m.principal_id, m.creation_date
    having
        bool_or(not m.is_issued and m.access_key_id is not null and not m.only_forwarded)
        and (
            bool_or(m.is_issued)
            or bool_or(k.never_console)
            or (
                bool_or(k.principal_id is not null)
                and count(distinct m.access_key_id) filter (not m.only_forwarded) = 1
            )
        )
        and not bool_or(m.from_console)
        and not bool_or(m.asked_signin_token)
),

issuers as (
    select
        principal_id,
        creation_date
    from session_keys
    where user_type = 'FederatedUser'
    group by all
    having count(distinct issuer_arn) > 1
),

judged as (
    select
        k.principal_id,
        k.creation_date,
        k.access_key_id,
        k.session_date,
        k.user_type,
        k.user_arn,
        c.principal_id is not null or f.principal_id is not null as is_contested,
        m.principal_id is not null and not k.is_issued as is_stray
    from marked as k
    left join contested as c
        on
            k.principal_id = c.principal_id
            and k.creation_date is not distinct from c.creation_date
    left join mixed as m
        on
            k.principal_id = m.principal_id
            and k.creation_date is not distinct from m.creation_date
    left join issuers as f
        on
            k.principal_id = f.principal_id
            and k.creation_date is not distinct from f.creation_date
)

select
    principal_id,
    creation_date,
    access_key_id,
    session_date,
    user_type,
    user_arn,
    is_contested or is_stray as is_split,
    is_stray,
    substr(
        md5(
            principal_id
            || '|' || coalesce(strftime(creation_date, '%Y-%m-%dT%H:%M:%S'), '')
            || '|' || if(
                is_contested or is_stray or creation_date is null,
                coalesce(access_key_id, 'no key'),
                ''
            )
        ),
        1,
        16
    ) as session_id
from judged

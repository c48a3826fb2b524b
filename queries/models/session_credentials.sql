-- The long-term credential that the chain of a session began with: an access key, a console
-- password, or `unknown` where the log does not show which one of its owner's. A session that
-- began with a call signed by an access key belongs to that key; several possible keys of one
-- user are none. The console needs a password (semantics.md 7); calls that services made on a
-- user's behalf show neither. `began_with_mfa`: null where the log does not say.
-- grain: one row per session whose chain an IAM user or root began
-- kind: view
-- reads: chains, issued_credentials, session_facts, session_links
with found as (
    select
        session_id,
        unnest(issue_ids) as issue_id
    from session_links
    where outcome = 'found'
),

callers as (
    select
        f.session_id,
        min(i.caller_access_key_id) as access_key_id,
        count(distinct i.caller_access_key_id) = 1
        and bool_and(coalesce(i.caller_access_key_id like 'AKIA%', false)) as is_one_key,
        bool_and(i.caller_mfa) as caller_mfa,
        bool_or(
            i.issue_kind in ('console-login', 'oauth-token')
            or (i.issue_kind = 'switch-role' and i.caller_type in ('IAMUser', 'Root'))
        ) as is_sign_in
    from found as f
    inner join issued_credentials as i on f.issue_id = i.issue_id
    group by f.session_id
)

select
    c.session_id,
    case
        when k.is_one_key then 'access-key'
        when k.is_sign_in or (f.from_console and f.user_type in ('IAMUser', 'Root'))
            then 'console-password'
        else 'unknown'
    end as credential_kind,
    if(k.is_one_key, k.access_key_id, null) as access_key_id,
    coalesce(c.root_mfa, k.caller_mfa) as began_with_mfa
from chains as c
left join callers as k on c.origin_session_id = k.session_id
left join session_facts as f on c.origin_session_id = f.session_id
where c.actor_kind in ('iam-user', 'root') and c.long_term_credential

-- Every event with the one who made it: the head under the hat, the chain of hats, and how well
-- that is known. An event made in a session takes the session's chain; any other names its
-- actor itself, or nobody. A failed sign-in proves nobody: the name typed is only a claim; nor
-- does a step before its end (semantics.md 2, row 13) or the request for a new password.
-- onBehalfOf names the person of an event whose session is not otherwise known.
-- grain: one row per event
-- kind: view
-- reads: chains, event_callers, identified_events, session_ids
with called as (
    select
        e.* exclude (principal_id, creation_date),
        x.event_id is not null as is_known_caller,
        x.copy_event_id,
        if(is_known_caller, x.user_type, e.user_type) as caller_type,
        if(is_known_caller, x.user_arn, e.user_arn) as caller_arn,
        if(is_known_caller, x.user_account_id, e.user_account_id) as caller_account_id,
        if(is_known_caller, x.user_name, e.user_name) as caller_name,
        if(is_known_caller, x.principal_id, e.principal_id) as caller_principal_id,
        if(is_known_caller, x.creation_date, e.creation_date) as caller_creation_date,
        if(is_known_caller, x.user_access_key_id, e.user_access_key_id) as caller_access_key_id
    from identified_events as e
    left join event_callers as x
        on
            e.event_id = x.event_id
            and e.recipient_account_id is not distinct from x.recipient_account_id
),

judged as (
    select
        e.* exclude (caller_creation_date, caller_access_key_id),
        k.session_id,
        case
            when k.session_id is not null then 'session'
            when
                e.event_name = 'ConsoleLogin'
                and (
                    e.error_message is not null
                    or (e.response_elements ->> '$.ConsoleLogin') = 'Failure'
                )
                then 'unproven-name'
            when
                e.event_source in ('signin.amazonaws.com', 'sso.amazonaws.com')
                and (
                    e.event_name in ('CheckMfa', 'CredentialChallenge', 'PasswordRecoveryRequested')
                    or (
                        e.event_name in ('CredentialVerification', 'UserAuthentication')
                        and coalesce(e.service_event_details ->> ('$.' || e.event_name), '')
                        <> 'Success'
                    )
                )
                then 'unproven-name'
            when
                e.caller_type in ('SAMLUser', 'WebIdentityUser')
                and coalesce(e.error_code, '') not in ('', 'AccessDenied')
                then 'unproven-name'
            when e.caller_type = 'Unknown' and e.user_on_behalf_of_user_id is null
                then 'unproven-name'
            when e.caller_type = 'IAMUser' then 'iam-user'
            when e.caller_type = 'Root' then 'root'
            when e.caller_type = 'SAMLUser' then 'saml-user'
            when e.caller_type = 'WebIdentityUser' then 'web-identity'
            when e.user_on_behalf_of_user_id is not null then 'identity-center-user'
            when
                e.caller_type = 'AWSAccount' and regexp_full_match(e.caller_account_id, '\d{12}')
                then 'external-account'
            when
                e.caller_type = 'AWSService'
                or (e.caller_type is null and e.user_invoked_by is not null)
                then 'aws-service'
            else 'unresolved'
        end as ground
    from called as e
    left join session_ids as k
        on
            e.caller_principal_id = k.principal_id
            and e.caller_creation_date is not distinct from k.creation_date
            and e.caller_access_key_id is not distinct from k.access_key_id
)

select
    e.* exclude (
        ground,
        is_known_caller,
        copy_event_id,
        caller_type,
        caller_arn,
        caller_account_id,
        caller_name,
        caller_principal_id
    ),
    case
        when e.ground = 'session' then c.actor_kind
        when e.ground = 'unproven-name' then 'unresolved'
        else e.ground
    end as actor_kind,
    case
        when e.ground = 'session' then c.actor_account
        when e.ground in ('iam-user', 'root', 'external-account', 'identity-center-user')
            then e.caller_account_id
        when e.ground in ('saml-user', 'web-identity') then e.recipient_account_id
    end as actor_account,
    case e.ground
        when 'session' then c.actor_name
        when 'iam-user' then coalesce(e.caller_name, split_part(e.caller_arn, '/', -1))
        when 'root' then 'root'
        when 'saml-user' then coalesce(e.caller_name, e.caller_principal_id)
        when 'web-identity' then coalesce(e.caller_name, e.caller_principal_id)
        when 'identity-center-user' then e.user_on_behalf_of_user_id
        when 'external-account' then e.caller_account_id
        when 'aws-service' then coalesce(e.user_invoked_by, e.event_source)
    end as actor_name,
    case
        when e.ground = 'session' then c.actor_arn
        when e.ground in ('iam-user', 'root') then e.caller_arn
    end as actor_arn,
    case e.ground
        when 'session' then c.actor_display
        when 'external-account'
            then
                'account ' || e.caller_account_id
                || coalesce(' (' || e.caller_principal_id || ')', '')
        when 'root' then 'root of ' || coalesce(e.caller_account_id, '?')
        when 'iam-user' then coalesce(e.caller_name, split_part(e.caller_arn, '/', -1))
        when 'saml-user' then coalesce(e.caller_name, e.caller_principal_id)
        when 'web-identity' then coalesce(e.caller_name, e.caller_principal_id)
        when 'identity-center-user' then e.user_on_behalf_of_user_id
        when 'aws-service' then coalesce(e.user_invoked_by, e.event_source)
    end as actor_display,
    if(e.ground = 'session', c.chain, []) as chain,
    if(e.ground = 'session', c.hops, 0) as hops,
    case
        when e.ground = 'session' and e.is_known_caller and c.evidence = 'direct' then 'proven'
        when e.ground = 'session' then c.evidence
        when e.ground = 'unproven-name' then if(e.caller_name is null, 'none', 'claimed')
        when e.ground = 'unresolved' then 'none'
        when e.is_known_caller then 'proven'
        else 'direct'
    end as evidence,
    case
        when e.ground = 'session' and e.copy_event_id is not null
            then list_append(c.evidence_events, e.copy_event_id)
        when e.ground = 'session' then c.evidence_events
        when e.copy_event_id is not null then [e.copy_event_id]
        else []
    end as evidence_events,
    case
        when e.ground = 'session' then c.claimed_actor
        when e.ground = 'unproven-name' then e.caller_name
    end as claimed_actor,
    case
        when e.ground = 'session' then c.claim_source
        when e.ground = 'unproven-name' and e.caller_name is not null then 'sign-in-name'
    end as claim_source,
    case
        when e.ground = 'session' then c.long_term_credential
        else e.ground in ('iam-user', 'root')
    end as long_term_credential
from judged as e
left join chains as c on e.session_id = c.session_id

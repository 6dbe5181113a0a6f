{{ rank_candidates(
    ref('external_candidates'), 'external', scopes=ref('external_scopes')
) }}

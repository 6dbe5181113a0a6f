{{ rank_candidates(ref('external_candidates'), 'external') }}

#!/usr/bin/env bash
# Verifies the stack's sender at SES: asks for Amazon's mail, waits for it in the mail bucket (24 looks, five seconds
# apart) and opens its link. "already verified" is success. setup-cloud.sh does the same in step 9.
#
#   scripts/ses-verify-sender.sh [STACK] [--dry-run]
#
# STACK is nothing for prod, --ci for the test stack, --ci --slot N, or --base; ENV_FILE or --env-file PATH names
# another env file than the stack's own. Run it as agentkeys-admin. Ends with 1 where no mail came; run it
# again once DNS has the MX record.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/mail.sh
source "$cloud_root/scripts/lib/mail.sh"
cloud_options "$@"
need aws jq curl
cloud_load
cloud_caller
mail_sender_verify 24 || fail "no mail of Amazon's came for ${stack[email_from]}; is the MX record of" \
  "${stack[mail_domain]} there (step 6), and the receipt rule (step 8)? Then run this again"

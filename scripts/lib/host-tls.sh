# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the names are those of scripts/setup-broker-host.sh, which sources this
# nginx and certificates of a broker's host; sourced, never run.

webroot=/var/www/certbot
live=/etc/letsencrypt/live

# vhost HOST SERVICE : nginx's file for it, in the phase that its certificate allows
vhost() {
  local file=/etc/nginx/sites-available/$1
  scripts/nginx-vhost.sh --host "$1" --service "$2" | put "$file" 644 root:root nginx
  link "../sites-available/$1" "/etc/nginx/sites-enabled/$1"
}

# nginx_takes_it : tests what is on disk and has nginx take it
nginx_takes_it() {
  local said
  [[ -n ${touched[nginx]:-} ]] || return 0
  unset 'touched[nginx]'
  $dry_run && return
  said=$(nginx -t 2>&1) || die "nginx does not take its configuration" "$(grep -m 2 emerg <<<"$said")"
  systemctl enable --quiet nginx
  systemctl reload-or-restart nginx
}

# --- where names lead to -------------------------------------------------------------------------------------------

# own_addresses : this host's public IPv4 addresses
own_addresses() {
  local token
  if [[ -n ${AGENTKEYS_PUBLIC_IP:-} ]]; then
    tr -s ', ' '\n' <<<"$AGENTKEYS_PUBLIC_IP"
    return
  fi
  # On EC2 the machine's own metadata know best (IMDSv2).
  if token=$(curl -fsS -m 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
    http://169.254.169.254/latest/api/token 2>/dev/null); then
    curl -fsS -m 2 -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/public-ipv4 2>/dev/null \
      && echo && return
  fi
  curl -fsS -m 10 https://checkip.amazonaws.com 2>/dev/null || true
}

# addresses_of HOST : its A records, asked for over HTTPS, because a VPN may rewrite what the system's resolver says;
# with AGENTKEYS_RESOLVER=system by that one, for closed networks.
addresses_of() {
  if [[ ${AGENTKEYS_RESOLVER:-} == system ]]; then
    # ahosts, not ahostsv4: that one says nothing on a machine whose only network is loopback.
    getent ahosts "$1" | awk '$1 ~ /^[0-9.]+$/ { print $1 }' | sort -u || true
  else
    curl -fsS -m 10 "https://dns.google/resolve?name=$1&type=A" 2>/dev/null \
      | jq -r '.Answer[]? | select(.type == 1) | .data' 2>/dev/null || true
  fi
}

# leads_here HOST : its address is one of this host's; else says why not, in $why
leads_here() {
  local found own
  own=${here:=$(own_addresses)}
  found=$(addresses_of "$1")
  if [[ -z $own ]]; then
    why="this host's public address is unknown (set AGENTKEYS_PUBLIC_IP)"
  elif [[ -z $found ]]; then
    why="no A record (create it: $(xargs <<<"$own"))"
  elif grep -qxFf <(echo "$own") <<<"$found"; then
    return 0
  else
    why="its A record is $(xargs <<<"$found"), this host is $(xargs <<<"$own")"
  fi
  return 1
}

# --- certificates --------------------------------------------------------------------------------------------------

# challenge_is_served HOST : the running nginx serves the ACME path for it. Tried before a certificate is asked for,
# whose failures are rationed.
challenge_is_served() {
  local folder=$webroot/.well-known/acme-challenge probe
  probe=agentkeys-probe-$$
  mkdir -p "$folder"
  echo probe-ok >"$folder/$probe"
  local said
  said=$(curl -s -m 5 -H "Host: $1" "http://127.0.0.1/.well-known/acme-challenge/$probe" || true)
  rm -f "$folder/$probe"
  [[ $said == probe-ok ]]
}

# certificate HOST : asks for one where there is none and the name leads here. The server is that of certbot's own
# /etc/letsencrypt/cli.ini, or Let's Encrypt. Returns 1, with the reason in $why, where there is none afterwards.
certificate() {
  local host=$1 mail=(--register-unsafely-without-email)
  [[ -z $certbot_email ]] || mail=(--email "$certbot_email")
  [[ ! -s $live/$host/fullchain.pem ]] || return 0
  leads_here "$host" || return 1
  change "issue a certificate for $host"
  $dry_run && return
  if ! challenge_is_served "$host"; then
    why="nginx does not serve http://$host/.well-known/acme-challenge/ (sudo nginx -t && sudo systemctl reload nginx)"
    return 1
  fi
  if ! certbot certonly --webroot -w "$webroot" -d "$host" --agree-tos --non-interactive "${mail[@]}" \
    --deploy-hook 'systemctl reload nginx' >"$scratch/certbot.log" 2>&1; then
    why="certbot failed: $(grep -m 1 -E 'Detail:|Error|error' "$scratch/certbot.log" | sed 's/^ *//' || true) (/var/log/letsencrypt/letsencrypt.log)"
    return 1
  fi
}

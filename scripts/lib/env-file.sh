# shellcheck shell=bash
# shellcheck disable=SC2034 # the array that is filled is the caller's
# Env files: NAME=value lines in which a value may be built of others by ${NAME}. Sourced, never run. Needs report.sh.

# env_load ARRAY FILE… : reads the files in this order into an associative array; a later file may use what an earlier
# one sets. Nothing of the caller's environment is seen but HOME, so no variable of a shell stands in for a line that
# is missing. The files are read by a shell that runs no program and writes no file; a value with a line break, a
# variable that is not set, or a line that is no assignment ends the script.
env_load() {
  local -n env_into=$1
  local file line complete=false
  shift
  for file; do
    [[ -f $file && -r $file ]] || fail "the env file $file cannot be read"
  done
  while IFS= read -r -d '' line; do
    case $line in
      complete) complete=true ;;
      *$'\n'*) fail "${*: -1}: the value of ${line%%=*} has a line break" ;;
      *=*) env_into[${line%%=*}]=${line#*=} ;;
    esac
  done < <(
    {
      printf 'set -a; ' # no line of its own, so that faults name the file's lines
      for file; do
        cat "$file"
        printf '\n'
      done
      # shellcheck disable=SC2016 # expanded by the shell that reads this
      printf '%s\n' 'set +a' 'for name in $(compgen -e); do
          case $name in HOME | PATH | PWD | OLDPWD | SHLVL | _ | BASH*) continue ;; esac
          printf "%s=%s\0" "$name" "${!name}"
        done' 'printf "complete\0"'
    } | env -i HOME="$HOME" PATH= "$BASH" --restricted --noprofile --norc -eus
  )
  $complete || fail "not an env file of NAME=value lines: ${*}"
}

# env_set FILE NAME VALUE : writes one value back: in place of the line that sets it, or at the end. Everything else of
# the file, and its mode, stay; the file is replaced in one step.
env_set() {
  local file name=$2 value=$3
  [[ $value =~ ^[A-Za-z0-9._:/@+-]*$ ]] || fail "the value for $name in $1 has characters that are not written back"
  file=$(realpath "$1")
  cp -p "$file" "$file.new"
  awk -v name="$name" -v value="$value" '
    !done && $0 ~ "^(export )?" name "=" { print ($1 == "export" ? "export " : "") name "=" value; done = 1; next }
    { print }
    END { if (!done) print name "=" value }' "$file" >"$file.new"
  mv "$file.new" "$file"
}

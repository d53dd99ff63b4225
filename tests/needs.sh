#!/bin/sh
# Install the programs that tests use: with apt as root, otherwise say what is missing; its tests are then skipped.
missing=""
for program in chromium curl openssl Rscript; do
    command -v "$program" >/dev/null 2>&1 && continue
    case "$program" in
        Rscript) missing="$missing r-base-core" ;;
        *) missing="$missing $program" ;;
    esac
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing for the tests …"
    # shellcheck disable=SC2086
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "MISSING for some tests, which are skipped:$missing (apt install$missing)" >&2

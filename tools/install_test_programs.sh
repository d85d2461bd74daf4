#!/usr/bin/env bash
# Installs the programs that some tests drive and that pip does not bring: a browser for the page, a spreadsheet
# for the workbook. Where it can not (no Debian, no rights, no network), those tests skip and say so.
set -euo pipefail

wanted=()
command -v chromium >/dev/null || wanted+=(chromium)
command -v soffice >/dev/null || wanted+=(libreoffice-calc-nogui)
[ ${#wanted[@]} -eq 0 ] && exit 0

skip() { echo "Not installed: ${wanted[*]} ($1). The tests that need them will skip."; exit 0; }

command -v apt-get >/dev/null || skip "no apt-get here"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null && sudo -n true 2>/dev/null || skip "needs root; run: sudo apt-get install ${wanted[*]}"
  as_root=(sudo -n)
fi
echo "Installing ${wanted[*]} for the tests (once) …"
export DEBIAN_FRONTEND=noninteractive
{ "${as_root[@]}" apt-get -qq update && "${as_root[@]}" apt-get -qq install -y --no-install-recommends "${wanted[@]}"; } \
  >/dev/null 2>&1 || skip "apt-get failed"

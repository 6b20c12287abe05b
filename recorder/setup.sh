# Sourced by recorder/run and tests/run: installs the Debian or Ubuntu packages that are missing.  Not run by itself.

# need_packages PACKAGE...: returns when all are there; ends with a word where they cannot be installed.
need_packages() {
	local missing=() package sudo=()
	if ! command -v dpkg-query >/dev/null; then
		echo "This is no Debian or Ubuntu: see to it that what these packages hold is there: $*" >&2
		return 0
	fi
	for package in "$@"; do
		dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
	done
	[ ${#missing[@]} -eq 0 ] && return 0
	if [ "$(id -u)" -ne 0 ]; then
		if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
			sudo=(sudo)
		else
			echo "These packages are missing, and only root may install them:" >&2
			echo "  apt-get install ${missing[*]}" >&2
			exit 1
		fi
	fi
	echo "Installing: ${missing[*]}" >&2
	local log
	log=$(mktemp)
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$log" 2>&1 &&
		"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$log" 2>&1 || {
		tail -n 15 "$log" >&2
		rm -f "$log"
		echo "apt-get could not install them; see above.  Is this machine connected?" >&2
		exit 1
	}
	rm -f "$log"
}

BUILD_PACKAGES=(gcc libc6-dev make cmake pkg-config libwebsockets-dev libcjson-dev libsqlite3-dev libssl-dev libgmp-dev
	libinih-dev libsystemd-dev libutf8proc-dev libncurses-dev openssl)
# What tests/run wants beside them.
TEST_PACKAGES=(libcmocka-dev python3 python3-websockets sqlite3 git cppcheck clang-tidy procps tmux ncurses-term faketime python3-pandas)

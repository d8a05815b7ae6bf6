# shellcheck shell=sh
# What the project's scripts share; read with `.`, never run. Plain POSIX sh, and before install_missing has run,
# nothing but what every system has: quickstart must work on a machine that has git and little else.

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() {
    warn "$(basename "$0"): $*"
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# quietly LOG COMMAND…: the output goes to the file LOG, and to the person only when the command fails.
quietly() {
    quiet_log=$1
    shift
    printf '$ %s\n' "$*" >>"$quiet_log"
    "$@" >>"$quiet_log" 2>&1 </dev/null && return
    quiet_status=$?
    warn "This failed (exit status $quiet_status): $*"
    warn "The end of $quiet_log:"
    tail -n 40 "$quiet_log" | sed 's/^/    /' >&2
    return "$quiet_status"
}

# Sets compiler to the C compiler Meson will take: the command CC, which may be of several words, as "ccache gcc" is.
find_compiler() {
    compiler=
    if [ -n "${CC-}" ]; then
        # shellcheck disable=SC2086 # a command and its arguments
        $CC --version >/dev/null 2>&1 && compiler=$CC
    else
        for compiler_name in cc gcc clang; do
            if have "$compiler_name"; then
                compiler=$compiler_name
                break
            fi
        done
    fi
    [ -n "$compiler" ]
}

# compiles LINE…: a program of these lines preprocesses, so the headers it names are there.
compiles() {
    # shellcheck disable=SC2086 # a command and its arguments
    find_compiler && printf '%s\n' "$@" | $compiler -E -x c - >/dev/null 2>&1
}

# installed PACKAGE: by Debian's own record.
installed() { have dpkg-query && [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# True for a package of Debian's by name, or what stands for it and is already there however it came.
present() {
    case $1 in
    gcc) find_compiler ;;
    libc6-dev) compiles '#include <stdio.h>' ;;
    meson) have meson ;;
    ninja-build) have ninja || have ninja-build || have samu ;;
    pkg-config) have pkg-config || have pkgconf ;;
    libdeflate-dev) have_library libdeflate || compiles '#include <libdeflate.h>' ;;
    libjansson-dev) have_library jansson ;;
    libarchive-dev) have_library libarchive ;;
    libpng-dev) have_library libpng ;;
    libmicrohttpd-dev) have_library libmicrohttpd ;;
    libjpeg-dev) have_library libjpeg ;;
    libopenmpi-dev) have mpicc ;;
    openmpi-bin) have mpirun ;;
    libcriterion-dev) have_library criterion || compiles '#include <criterion/criterion.h>' ;;
    # Debian's Python, which runs Meson and so the tests, need not be the first one there.
    python3-numpy | python3-pytest) installed "$1" || { have python3 && python3 -c "import ${1#python3-}" 2>/dev/null; } ;;
    dataset-fashion-mnist) [ -e /usr/share/datasets/fashion-mnist ] ;;
    *) installed "$1" ;;
    esac
}

have_library() { have pkg-config && pkg-config --exists "$1" 2>/dev/null; }

# absent PACKAGE…: sets missing to those that are not there.
absent() {
    missing=
    for package in "$@"; do
        present "$package" || missing="$missing $package"
    done
    missing=${missing# }
}

# Sets as_root to what goes before a command that needs root: nothing or sudo. False when there is neither.
find_root() {
    as_root=
    [ "$(id -u)" = 0 ] && return 0
    have sudo || return 1
    as_root=sudo
}

# apt LOG ARGUMENT…: apt-get that asks nothing.
apt() {
    apt_log=$1
    shift
    # shellcheck disable=SC2086 # as_root is empty or one word
    quietly "$apt_log" $as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
        -o DPkg::Lock::Timeout=300 -o APT::Install-Recommends=false "$@"
}

# The package lists are there: then an update would only cost time.
apt_knows() {
    for apt_package in "$@"; do
        apt-cache show "$apt_package" >/dev/null 2>&1 || return 1
    done
}

# install_missing LOG PACKAGE…: Debian's names; what is there already is left alone.
install_missing() {
    install_log=$1
    shift
    absent "$@"
    [ -n "$missing" ] || return 0
    if ! have apt-get; then
        name_packages_elsewhere
        return 1
    fi
    if ! find_root; then
        warn "These packages are missing, and installing them takes root:"
        warn "    apt-get install $missing"
        return 1
    fi
    if [ -n "$as_root" ] && ! sudo -n true 2>/dev/null; then
        say "Installing takes root: sudo may ask for your password."
        sudo -v || return 1
    fi
    say "Installing $missing"
    # shellcheck disable=SC2086 # one word per package
    if ! apt_knows $missing; then
        apt "$install_log" update || return 1
    fi
    # Old lists may name versions that are no longer served: then update, and try once more.
    # shellcheck disable=SC2086
    apt "$install_log" install $missing 2>/dev/null && return 0
    apt "$install_log" update || return 1
    # shellcheck disable=SC2086
    apt "$install_log" install $missing
}

# Without apt-get nothing is installed; says what to ask that system's package manager for.
name_packages_elsewhere() {
    warn "These are missing, by Debian's names: $missing"
    if have dnf; then
        warn "Install them, for instance with: sudo dnf install gcc meson ninja-build pkgconf-pkg-config libdeflate-devel jansson-devel"
    elif have zypper; then
        warn "Install them, for instance with: sudo zypper install gcc meson ninja pkgconf libdeflate-devel libjansson-devel"
    elif have pacman; then
        warn "Install them, for instance with: sudo pacman -S gcc meson ninja pkgconf libdeflate jansson"
    elif have apk; then
        warn "Install them, for instance with: apk add build-base meson ninja-build pkgconf libdeflate-dev jansson-dev"
    elif have brew; then
        warn "Install them, for instance with: brew install meson ninja pkgconf libdeflate jansson libomp"
    else
        warn "Install a C compiler (gcc 12 or clang 14, or newer), Meson 1.0.1, Ninja, pkg-config, libdeflate and jansson."
    fi
}

# configure FOLDER LOG SETUP_OPTION…: sets the folder up the first time; later only changes the options (-D…) given.
configure() {
    build_folder=$1
    build_log=$2
    shift 2
    if [ ! -e "$build_folder/build.ninja" ]; then
        quietly "$build_log" meson setup "$build_folder" "$@"
        return
    fi
    build_changes=
    for build_option in "$@"; do
        case $build_option in -D*) build_changes="$build_changes $build_option" ;; esac
    done
    # shellcheck disable=SC2086 # one word per option
    [ -z "$build_changes" ] || quietly "$build_log" meson configure "$build_folder" $build_changes
}

# What a build needs, without and with its tests, by Debian's names.
# shellcheck disable=SC2034 # used by the scripts that read this file
build_packages="gcc libc6-dev meson ninja-build pkg-config libdeflate-dev libjansson-dev libarchive-dev libpng-dev libjpeg-dev libmicrohttpd-dev"
# shellcheck disable=SC2034
test_packages="libcriterion-dev doxygen g++ python3-numpy python3-pytest"
# For training over several processes, of which no build is made and no test run without them.
# shellcheck disable=SC2034
mpi_packages="libopenmpi-dev openmpi-bin"
# What tools/deb needs beside them.
# shellcheck disable=SC2034
deb_packages="build-essential debhelper dpkg-dev lintian xz-utils"
# What tools/wheel needs beside them, and what tools/cross/aarch64 does.
# shellcheck disable=SC2034
wheel_packages="patchelf python3 binutils"
# shellcheck disable=SC2034
aarch64_packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static libgomp1:arm64 libdeflate-dev:arm64 libjansson-dev:arm64 libgit2-1.5:arm64 libffi8:arm64"

# SPDX-License-Identifier: Apache-2.0
# Stands for OpenWrt's rules.mk: what the package's Makefile takes from it.
INCLUDE_DIR := $(TOPDIR)/include
TARGET_CC ?= cc
TARGET_CFLAGS ?= -Os -pipe
TARGET_LDFLAGS ?= -Wl,-z,now
CP := cp -fpR
INSTALL_DIR := install -d -m0755
INSTALL_BIN := install -m0755
INSTALL_DATA := install -m0644
INSTALL_CONF := install -m0600

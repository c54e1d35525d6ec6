# SPDX-License-Identifier: Apache-2.0
# Stands for OpenWrt's package.mk. `make all` goes the package's steps and installs into $(OUTPUT); `make info` prints what it
# declares.
PKG_BUILD_DIR = $(OUTPUT)/build/$(PKG_NAME)-$(PKG_VERSION)

define BuildPackage
all:
	$$(call Build/Prepare)
	$$(call Build/Configure)
	$$(call Build/Compile)
	$$(call Package/$(1)/install,$$(OUTPUT)/root)
$(eval $(Package/$(1)))
info:
	@echo '$(1) $(PKG_VERSION)'
	@echo 'depends: $(DEPENDS)'
	@echo 'conffiles: $(strip $(Package/$(1)/conffiles))'
endef

// SPDX-License-Identifier: Apache-2.0
/**
 * The hooks: one interface each, with one method. A plugin class implements those that it wants, any number of them, is
 * annotated with {@link org.pf4j.Extension} and instantiated once. The broker calls them on worker threads; a plugin
 * must not assume which.
 */
@NullMarked
package org.tunneldigger.api.hook;

import org.jspecify.annotations.NullMarked;

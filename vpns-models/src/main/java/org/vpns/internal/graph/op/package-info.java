/**
 * The operators: one record each, with its call, its shapes and its multiply-adds; of no use to
 * programs.
 */
@NullMarked
package org.vpns.internal.graph.op;

import org.jspecify.annotations.NullMarked;

/**
 * Channel groups and their removal. Empty so far. What will live here: the slices of all parameters
 * that must be kept or removed together, found by following each channel through the graph of
 * operators; what such a group is worth; a budget of parameters, multiply-adds or a fraction per
 * layer; the plan that spends it, a value that can be printed, saved and applied again; and the
 * surgery that applies it. A network with a group masked and the network with that group removed
 * compute the same outputs.
 */
@NullMarked
package org.vpns.structured;

import org.jspecify.annotations.NullMarked;

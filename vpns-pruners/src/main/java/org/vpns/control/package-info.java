/**
 * Recipes beside a recipe that differ from it in one thing: what its figures are measured against.
 */
@NullMarked
package org.vpns.control;

import org.jspecify.annotations.NullMarked;

/** How other modules find ONNX Runtime. */
@NullMarked
package org.vpns.internal.onnx.service;

import org.jspecify.annotations.NullMarked;

/** Networks as ONNX files: writing them, and running them in a service. */
@NullMarked
package org.vpns.onnx;

import org.jspecify.annotations.NullMarked;

/** What is thrown when an ONNX file cannot be read. */
@NullMarked
package org.vpns.onnx.read;

import org.jspecify.annotations.NullMarked;

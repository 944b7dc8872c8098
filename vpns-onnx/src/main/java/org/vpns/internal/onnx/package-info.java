/**
 * ONNX files as networks: {@link org.vpns.internal.onnx.OnnxReader} checks a file, {@link
 * org.vpns.internal.onnx.OnnxBlock} runs it.
 */
@NullMarked
package org.vpns.internal.onnx;

import org.jspecify.annotations.NullMarked;

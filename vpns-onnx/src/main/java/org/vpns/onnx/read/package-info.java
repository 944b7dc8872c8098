/**
 * ONNX files as networks: {@link org.vpns.onnx.read.OnnxFile} checks a file, {@link
 * org.vpns.onnx.read.OnnxBlock} runs it.
 */
@NullMarked
package org.vpns.onnx.read;

import org.jspecify.annotations.NullMarked;

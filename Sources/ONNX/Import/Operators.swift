import Anomaly

/// THE LIST of what an imported graph may be made of: anything else is refused by its name.
enum Operators {
  /// - Parameter trees: how many are known already.
  static func read(_ operation: inout Operator, domain: String, trees: Int) throws(ONNXError) -> Traced {
    let result: Traced
    switch (domain, operation.kind) {
    case (ONNXExport.treeDomain, "TreeEnsembleRegressor"): result = try TreeOperators.ensemble(&operation, firstID: trees)
    case (ONNXExport.treeDomain, "Scaler"): result = try TreeOperators.scaler(&operation)
    case (ONNXExport.treeDomain, "LabelEncoder"): result = try TreeOperators.labelEncoder(&operation)
    default: result = try standard(&operation)
    }
    try operation.finish()
    return result
  }

  private static func standard(_ operation: inout Operator) throws(ONNXError) -> Traced {
    switch operation.kind {
    case "Gemm": try DenseOperators.gemm(&operation)
    case "MatMul": try DenseOperators.matMul(&operation)
    case "BatchNormalization": try DenseOperators.batchNormalization(&operation)
    case "Conv": try ConvolutionOperators.convolution(&operation, isTransposed: false)
    case "ConvTranspose": try ConvolutionOperators.convolution(&operation, isTransposed: true)
    case "MaxPool": try ConvolutionOperators.pooling(&operation, isMaximum: true)
    case "AveragePool": try ConvolutionOperators.pooling(&operation, isMaximum: false)
    case "GlobalMaxPool": try ConvolutionOperators.globalPooling(&operation, isMaximum: true)
    case "GlobalAveragePool": try ConvolutionOperators.globalPooling(&operation, isMaximum: false)
    case "Resize": try ConvolutionOperators.resize(&operation)
    case "Identity", "Dropout": try ShapeOperators.same(&operation)
    case "Cast": try ShapeOperators.cast(&operation)
    case "Constant": try ShapeOperators.constant(&operation)
    case "Reshape": try ShapeOperators.reshape(&operation)
    case "Flatten": try ShapeOperators.flatten(&operation)
    case "Squeeze": try ShapeOperators.squeeze(&operation, isInverse: false)
    case "Unsqueeze": try ShapeOperators.squeeze(&operation, isInverse: true)
    case "Transpose": try ShapeOperators.transpose(&operation)
    case "Gather": try ShapeOperators.gather(&operation)
    case "Relu", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softsign", "HardSigmoid", "Clip":
      try ArithmeticOperators.activation(&operation)
    default: try arithmetic(&operation)
    }
  }

  private static func arithmetic(_ operation: inout Operator) throws(ONNXError) -> Traced {
    switch operation.kind {
    case "Add": try ArithmeticOperators.binary(&operation, .add, .add)
    case "Sub": try ArithmeticOperators.binary(&operation, .subtract, .subtractFrom)
    case "Mul": try ArithmeticOperators.binary(&operation, .multiply, .multiply)
    case "Div": try ArithmeticOperators.binary(&operation, .divide, .divideInto)
    case "Max": try ArithmeticOperators.binary(&operation, .maximum, .maximum)
    case "Min": try ArithmeticOperators.binary(&operation, .minimum, .minimum)
    case "Pow": try ArithmeticOperators.binary(&operation, nil, .powerOf)
    case "Sum": try ArithmeticOperators.sum(&operation)
    case "Neg": try ArithmeticOperators.negation(&operation)
    case "Log": try ArithmeticOperators.logarithm(&operation)
    case "Equal": try ArithmeticOperators.comparison(&operation, ==)
    case "Greater": try ArithmeticOperators.comparison(&operation, >)
    case "Less": try ArithmeticOperators.comparison(&operation, <)
    default: throw operation.failure("is no operator that Thrum takes")
    }
  }

  static func isKnown(_ node: ONNXNode) -> Bool {
    (node.domain == ONNXExport.treeDomain ? trees : ["", "ai.onnx"].contains(node.domain) ? standards : []).contains(node.opType)
  }

  private static let trees: Set = ["TreeEnsembleRegressor", "Scaler", "LabelEncoder"]
  private static let standards: Set = [
    "Gemm", "MatMul", "BatchNormalization", "Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalMaxPool",
    "GlobalAveragePool", "Resize", "Identity", "Dropout", "Cast", "Constant", "Reshape", "Flatten", "Squeeze", "Unsqueeze",
    "Transpose", "Gather", "Relu", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softsign", "HardSigmoid", "Clip",
    "Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "Sum", "Neg", "Log", "Equal", "Greater", "Less",
  ]
}

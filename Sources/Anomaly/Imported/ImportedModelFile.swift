import Signal

extension ImportedModel {
  private static let magic: UInt32 = 0x4952_4854  // "THRI"
  private static let format: UInt32 = 1
  /// Of an autoencoder that reproduces prepared values: how many layers prepare stands behind the boundary.
  private static let formatWithPreparation: UInt32 = 2

  package func encoded() -> [UInt8] { Self.body(input, shape, parts, limit).sealed() }

  /// Whether the bytes begin as `encoded()` does.
  package static func isOne(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: withUnsafeBytes(of: magic.littleEndian) { Array($0) })
  }

  /// - Throws: `ModelError` for everything that `encoded()` does not write.
  package init(decoding bytes: [UInt8]) throws(ModelError) {
    var file = try ModelReader(bytes)
    guard try file.word() == Self.magic else { throw ModelError("no imported model of Thrum") }
    let format = try file.word()
    guard (Self.format...Self.formatWithPreparation).contains(format) else {
      throw ModelError("format \(format); this Thrum reads \(Self.format) and \(Self.formatWithPreparation)")
    }
    guard let input = Input(rawValue: try file.text(upTo: 16)) else { throw ModelError("an unknown input") }
    let shape = try ModelShape(from: &file, features: 0...1024)
    let (limit, boundary) = (try file.positive(), try file.float())
    let prepared = format == Self.format ? 0 : try file.count(1...LayerChain.mostLayers)
    let before = try LayerChain(from: &file)
    let forest = try file.count(0...1) == 0 ? nil : try LeafForest(from: &file, features: before.outputs)
    let parts = try ImportedParts(
      before: before, forest: forest, after: try LayerChain(from: &file), boundary: boundary, prepared: prepared)
    try file.end()
    try self.init(input: input, shape: shape, parts: parts, limit: limit)
  }

  static func body(_ input: Input, _ shape: ModelShape, _ parts: ImportedParts, _ limit: Float) -> ModelWriter {
    var file = ModelWriter()
    let prepared = parts.preparation.layers.count
    file.append(magic)
    file.append(prepared == 0 ? format : formatWithPreparation)
    file.append(input.rawValue)
    shape.encode(into: &file)
    file.append(limit)
    file.append(parts.boundary)
    if prepared > 0 { file.append(UInt32(prepared)) }
    parts.before.encode(into: &file)
    file.append(UInt32(parts.forest == nil ? 0 : 1))
    parts.forest?.encode(into: &file)
    parts.after.encode(into: &file)
    return file
  }
}

extension LeafForest {
  fileprivate func encode(into file: inout ModelWriter) {
    file.append(UInt32(roots.count))
    file.append(UInt32(nodes.count))
    file.append(roots.map { UInt32($0) })
    for node in nodes {
      file.append(UInt32(node.feature + 1))
      file.append(node.value)
      if node.feature >= 0 { file.append([UInt32(node.left), UInt32(node.right)]) }
    }
  }

  fileprivate init(from file: inout ModelReader, features: Int) throws(ModelError) {
    let (trees, count) = (try file.count(1...Self.mostNodes), try file.count(1...Self.mostNodes))
    let roots = try file.counts(trees, 0...count - 1)
    var nodes: [Node] = []
    for _ in 0..<count {
      let (feature, value) = (try file.count(0...features) - 1, try file.float())
      let children = feature < 0 ? [0, 0] : try file.counts(2, 0...count - 1)
      nodes.append(Node(feature: feature, value: value, left: children[0], right: children[1]))
    }
    try self.init(nodes: nodes, roots: roots, features: features)
  }
}

extension LayerChain {
  fileprivate func encode(into file: inout ModelWriter) {
    file.append([UInt32(inputs), UInt32(layers.count)])
    for layer in layers { layer.encode(into: &file) }
  }

  fileprivate init(from file: inout ModelReader) throws(ModelError) {
    try self.init(inputs: try file.count(1...Self.mostValues))
    for _ in 0..<(try file.count(0...Self.mostLayers)) { try append(try Layer(from: &file)) }
  }
}

extension Layer {
  private static let most = LayerChain.mostValues

  fileprivate func encode(into file: inout ModelWriter) {
    switch self {
    case .dense(let layer):
      file.append([0, UInt32(layer.inputs), UInt32(layer.outputs)])
      file.append(layer.weights)
      file.append(layer.bias)
    case .elementwise(let operation, let numbers):
      file.append([1, operation.rawValue, UInt32(numbers.count)])
      file.append(numbers)
    case .gather(let places): file.append([2, UInt32(places.count)] + places.map { UInt32($0) })
    case .convolution(let convolution): convolution.encode(into: &file)
    case .pooling(let pooling): pooling.encode(into: &file)
    case .upsampling(let channels, let factor): file.append([5, UInt32(channels), UInt32(factor)])
    case .activation(let activation):
      file.append([6, activation.kind.rawValue])
      file.append([activation.alpha, activation.beta])
    }
  }

  fileprivate init(from file: inout ModelReader) throws(ModelError) {
    switch try file.word() {
    case 0:
      let (inputs, outputs) = (try file.count(1...Self.most), try file.count(1...Self.most))
      let weights = try file.floats(inputs * outputs)
      self = .dense(DenseLayer(inputs: inputs, outputs: outputs, weights: weights, bias: try file.floats(outputs)))
    case 1:
      guard let operation = Arithmetic(rawValue: try file.word()) else { throw ModelError("an unknown operation") }
      self = .elementwise(operation, try file.floats(try file.count(1...Self.most)))
    case 2: self = .gather(try file.counts(try file.count(1...Self.most), 0...Self.most))
    case 3: self = .convolution(try Convolution(from: &file))
    case 4: self = .pooling(try Pooling(from: &file))
    case 5: self = .upsampling(channels: try file.count(1...Self.most), factor: try file.count(1...1024))
    case 6:
      guard let kind = Activation.Kind(rawValue: try file.word()) else { throw ModelError("an unknown activation") }
      self = .activation(Activation(kind, alpha: try file.float(), beta: try file.float()))
    case let tag: throw ModelError("layer \(tag), which this Thrum does not know")
    }
  }
}

extension Convolution {
  fileprivate func encode(into file: inout ModelWriter) {
    let geometry = geometry
    file.append([3, isTransposed ? 1 : 0, UInt32(inputChannels), UInt32(outputChannels), UInt32(length), UInt32(geometry.kernel)])
    file.append([UInt32(geometry.stride), UInt32(geometry.dilation), UInt32(geometry.groups), UInt32(geometry.paddingLeft)])
    file.append([UInt32(geometry.paddingRight), UInt32(geometry.outputPadding), UInt32(weights.count)])
    file.append(weights)
    file.append(bias)
  }

  fileprivate init(from file: inout ModelReader) throws(ModelError) {
    let isTransposed = try file.count(0...1) == 1
    let sizes = try file.counts(3, 1...LayerChain.mostValues)
    let places = try file.counts(6, 0...65_536)
    let geometry = Geometry(
      kernel: places[0], stride: places[1], dilation: places[2], groups: places[3], paddingLeft: places[4],
      paddingRight: places[5],
      outputPadding: try file.count(0...65_536))
    let weights = try file.floats(try file.count(1...1 << 26))
    self.init(
      isTransposed: isTransposed, inputChannels: sizes[0], outputChannels: sizes[1], length: sizes[2], geometry: geometry,
      weights: weights, bias: try file.floats(sizes[1]))
  }
}

extension Pooling {
  fileprivate func encode(into file: inout ModelWriter) {
    file.append([4, isMaximum ? 1 : 0, UInt32(channels), UInt32(length), UInt32(kernel), UInt32(stride)])
    file.append([UInt32(paddingLeft), UInt32(paddingRight), countsPadding ? 1 : 0])
  }

  fileprivate init(from file: inout ModelReader) throws(ModelError) {
    let isMaximum = try file.count(0...1) == 1
    let sizes = try file.counts(4, 1...LayerChain.mostValues)
    let paddings = try file.counts(2, 0...LayerChain.mostValues)
    self.init(
      isMaximum: isMaximum, channels: sizes[0], length: sizes[1], kernel: sizes[2], stride: sizes[3], paddingLeft: paddings[0],
      paddingRight: paddings[1], countsPadding: try file.count(0...1) == 1)
  }
}

import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import {
  publicKeyText,
  secretText,
  signatureOfGithub,
  signatureV1,
  signatureV1a,
} from '../../../server/webhooks/signatures.ts'

// https://github.com/standard-webhooks/standard-webhooks: the vector of its libraries.
const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' }
// RFC 8032, section 7.1, test 1.
const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')

test('signatures are those of the specification', () => {
  expect(secretText(secret)).toBe('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  expect(signatureV1(secret, signed)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  expect(signatureV1a(seed, signed)).toBe(
    'v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw==',
  )
  expect(publicKeyText(seed)).toBe(
    `whpk_${Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString('base64')}`,
  )
})

test('the published library agrees', () => {
  const timestamp = new Date(signed.timestamp * 1_000)
  expect(new Webhook(secretText(secret)).sign(signed.id, timestamp, signed.body)).toBe(
    signatureV1(secret, signed),
  )
})

// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
test('the signature for GitHub is that of its documentation', () => {
  expect(signatureOfGithub("It's a Secret to Everybody", 'Hello, World!')).toBe(
    'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  )
})
